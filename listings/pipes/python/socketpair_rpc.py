"""A socket pair is a pipe that goes both ways: requests go out and answers come back over one."""

import os
import socket

REQUESTS = ["6 * 7", "2 + 3", "2 +"]
ANSWERS = ["42", "5", "not understood"]


def main():
    client, server = socket.socketpair()  # (1)
    child = os.fork()
    if child == 0:
        client.close()
        serve(server)
        os._exit(0)

    server.close()
    answers = client.makefile("r")
    for request, expected in zip(REQUESTS, ANSWERS):
        client.sendall(f"{request}\n".encode())  # (2)
        answer = answers.readline().rstrip("\n")
        print(f"{request} -> {answer}")
        assert answer == expected
    client.shutdown(socket.SHUT_WR)  # (3)
    farewell = answers.readline().rstrip("\n")
    print(farewell)
    assert farewell == f"{len(REQUESTS)} requests served"
    assert os.waitpid(child, 0) == (child, 0)


def serve(stream):
    served = 0
    for request in stream.makefile("r"):
        stream.sendall(f"{answer(request)}\n".encode())
        served += 1
    # (4) the loop ended at end of file
    stream.sendall(f"{served} requests served\n".encode())


def answer(request):
    match request.split():
        case [a, "+", b] if a.isdecimal() and b.isdecimal():
            return str(int(a) + int(b))
        case [a, "*", b] if a.isdecimal() and b.isdecimal():
            return str(int(a) * int(b))
        case _:
            return "not understood"


if __name__ == "__main__":
    main()
