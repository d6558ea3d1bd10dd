"""Who is at work, where and with which rights; values as others read them."""
