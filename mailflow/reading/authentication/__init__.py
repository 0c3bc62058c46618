"""Does the From domain answer for this mail? SPF, DKIM, DMARC and ARC, checked by us with a resolver that is given."""
