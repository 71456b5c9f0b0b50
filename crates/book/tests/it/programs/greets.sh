#!/bin/sh
echo hello; echo trouble >&2; exit 3
