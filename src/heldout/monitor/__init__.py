"""Do new data still look like the old?"""
