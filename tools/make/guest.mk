# The test guests.
