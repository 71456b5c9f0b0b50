#!/bin/sh
echo $$; sleep 60
