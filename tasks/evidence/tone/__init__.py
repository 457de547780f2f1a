"""The tone of cyberspace (sắc thái trên không gian mạng): from posts to measurements. docs/tone.md says how well."""
