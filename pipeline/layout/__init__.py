"""From words with boxes to lines in reading order: columns of the letterhead and signature block, tables, page numbers."""
