"""A provincial Monday: imports, three hundred people, mails, a great batch of letters and an auditor's export at once."""
