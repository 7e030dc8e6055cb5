"""Wires: the only modules that know DynamoDB, S3, EventBridge or RunPod.

A port is functions whose first argument is a client; it translates the library's errors into
ours and decides nothing.
"""
