"""Shopbell's server: the rules, the data, the pages' common parts and the API."""
