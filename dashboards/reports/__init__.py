"""The report builder: what is asked (definition), how it is read (compiling, running), how it is shown and sent."""
