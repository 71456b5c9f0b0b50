"""When main returns, Python waits for its threads, except for daemons: those are cut off."""

import subprocess
import sys
import threading

# The helper waits here until main comes too.
meeting = threading.Barrier(2)


def main():
    way = sys.argv[1] if len(sys.argv) > 1 else None
    if way == "join":
        helper = start_helper()
        meeting.wait()
        helper.join()  # (1)
    elif way == "leave":
        start_helper()  # (2)
    else:
        run_both_ways()


def start_helper():
    started = threading.Event()

    def help_main():
        try:
            print("helper: first line")
            started.set()
            meeting.wait()  # (3)
            print("helper: last line")
        finally:
            print("helper: cleaned up")  # (4)

    # Without daemon=True, Python would wait for ever at the end of "leave".
    helper = threading.Thread(target=help_main, name="helper", daemon=True)
    helper.start()
    started.wait()
    return helper


def run_both_ways():
    def run(way):
        command = [sys.executable, __file__, way]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # (5)
        print(f"if main {way}s:\n{printed}", end="")
        return printed

    all_lines = "helper: first line\nhelper: last line\nhelper: cleaned up\n"
    assert run("join") == all_lines
    assert run("leave") == "helper: first line\n"


if __name__ == "__main__":
    main()
