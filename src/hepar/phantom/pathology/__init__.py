"""SIMULATED H&E of colorectal cancer: tiles and slides with known counts, shares and stains."""
