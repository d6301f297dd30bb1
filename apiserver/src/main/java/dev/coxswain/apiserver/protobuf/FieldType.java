package dev.coxswain.apiserver.protobuf;

/** What the wire value of a field means. */
public enum FieldType {
  STRING,
  BOOL,
  INTEGER,
  DOUBLE,
  /** Base64 in JSON. */
  BYTES,
  MESSAGE
}
