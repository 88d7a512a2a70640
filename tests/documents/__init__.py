"""Letters and lists as people see them: turned into pictures by LibreOffice and measured."""
