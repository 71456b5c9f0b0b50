"""A thread's name is its own, its stack size is set for all that follow, and `start` can fail."""

import threading

STACK_MIB = 16
TOO_BIG_BYTES = 1 << 60  # more than any address space holds


def main():
    seen_inside = []
    for name in ["reader", "writer"]:
        worker = threading.Thread(
            target=lambda: seen_inside.append(threading.current_thread().name),  # (1)
            name=name,
        )
        worker.start()
        worker.join()
        assert seen_inside[-1] == name
        print(f"{name} knows its name")

    unnamed = threading.Thread(target=lambda: None)
    assert unnamed.name.startswith("Thread-")  # (2) Python makes one up

    threading.stack_size(STACK_MIB << 20)  # (3) calls between Python functions do not use it
    deep = threading.Thread(target=lambda: None, name="deep")
    deep.start()
    deep.join()
    stack_of_deep = threading.stack_size(TOO_BIG_BYTES)  # sets the next size, returns the last
    assert stack_of_deep == STACK_MIB << 20
    print(f"deep had a stack of {STACK_MIB} MiB")

    giant = threading.Thread(target=lambda: None, name="giant")
    try:
        giant.start()  # (4)
    except RuntimeError:
        refused = True
    else:
        refused = False
    assert refused
    print("giant was refused, and main goes on")


if __name__ == "__main__":
    main()
