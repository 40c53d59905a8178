"""A whole territory out of one Palier and into another: nobody is locked in."""
