"""The ground floor: numba functions on arrays. They validate nothing and import nothing from above."""
