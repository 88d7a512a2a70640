"""A backup: the whole store as a SQLite database and the files that belong to it, in one sealed zip.

writing      a consistent copy of the database -> the files that its rows name -> zip -> read back -> renamed
restoring    zip checked whole -> copy brought to the newest revision -> put in place of an empty or an old store
encryption   the sealed zip in authenticated chunks, where the office has a key
keys         that key: 32 random bytes in a file that lies elsewhere
manifest     what a backup says of itself; pure
archive      the sealed zip: written in a stream, checked byte for byte
copies       the copy of the database: made, asked, found whole
targets      what it takes the place of: is anything in it, does anybody use it, how it is exchanged
filing       files on their way in, until the database is in place
workplace    the folder that a half-done one lies in, removed by the next
"""
