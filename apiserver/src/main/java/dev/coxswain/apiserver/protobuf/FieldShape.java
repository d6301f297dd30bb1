package dev.coxswain.apiserver.protobuf;

/**
 * One field of a message.
 *
 * @param name its name in JSON
 * @param type what its wire value means
 * @param message the index of its message's shape; -1 where it is a scalar
 * @param repeated whether it is an array in JSON
 * @param map whether it is an object in JSON, whose values have this type
 * @param keepZero whether a zero is told apart from absence
 * @param inline whether its content belongs to the message around it in JSON
 */
record FieldShape(
    String name,
    FieldType type,
    int message,
    boolean repeated,
    boolean map,
    boolean keepZero,
    boolean inline) {}
