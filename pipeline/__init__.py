"""kehoach: scans of Vietnamese administrative plans into a corpus that can be trusted and queried."""
