"""What contenders run that time themselves: imports first, then the work, once, against the clock."""
