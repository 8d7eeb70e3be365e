//! What is kept for twenty years, readable without this program.
