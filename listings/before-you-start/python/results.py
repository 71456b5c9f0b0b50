"""What can fail raises an exception: nothing in the call says so, and it passes by itself."""


def main():
    total = add("3", "4")  # (1) nothing to open
    print(f"3 + 4 = {total}")
    assert total == 7

    answer = None
    try:
        answer = add("3", "four")
        print(f"3 + four = {answer}")
    except ValueError:
        print("3 + four: not a number")  # (2)
    assert answer is None


def add(a, b):
    a = int(a)  # (3) an exception passes through
    b = int(b)
    return a + b  # (4)


if __name__ == "__main__":
    main()
