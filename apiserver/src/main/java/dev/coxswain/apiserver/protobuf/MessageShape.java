package dev.coxswain.apiserver.protobuf;

import java.util.Map;

/**
 * One message.
 *
 * @param form how it looks in JSON
 * @param fields its fields by number
 */
record MessageShape(MessageForm form, Map<Integer, FieldShape> fields) {
  MessageShape {
    fields = Map.copyOf(fields);
  }
}
