"""The state of a server in one file, so that it survives the process.

Everything lives in memory; the file is written to and only read at the start. One request is one
commit, made before its answer goes out. A process may be killed at any time: what was answered is
in the file. Nothing is promised for a machine that loses power.
"""
