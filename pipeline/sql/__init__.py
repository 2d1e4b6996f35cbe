"""Facts about SQL text: where statements begin and end, what they are, what is dangerous about them.

Nothing here opens a socket, starts a process or reads a file.
"""
