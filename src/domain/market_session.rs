//! New York's market hours.
