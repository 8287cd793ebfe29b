"""Reports of sentences, tables and charts: as plain data, and as a Word file. Pure."""
