"""What a chief and an administrator set: users, audit trail, forms, brochure, duties, paper."""
