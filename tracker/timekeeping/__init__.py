"""Pure arithmetic of time: calendars, limits, deadlines with their proof, lateness.

Values and dates in, values out: no clock, configuration, database or file is read here.
"""
