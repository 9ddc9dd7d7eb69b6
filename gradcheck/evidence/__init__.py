"""What a page shows and only computing can give: opinions on traced code, and the numbers of every figure."""
