"""The encrypted file: keys, attempts, opening, migrations, faults, backup."""
