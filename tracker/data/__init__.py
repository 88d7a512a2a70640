"""Facts as dated, editable data: calendars, units, procedures, criteria, headings and words."""
