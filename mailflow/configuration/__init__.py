"""Reading config/: from files to values, with every mistake named at once; settings.py is the way in."""
