"""The Word templates of the vouchers, one module for each kind of paper."""
