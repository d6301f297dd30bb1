package dev.coxswain.api.status;

/**
 * One cause within {@code Status.details.causes}.
 *
 * @param reason the machine-readable cause, such as {@code FieldValueRequired}
 * @param message what is wrong, for a person
 * @param field the path of the field, such as {@code spec.containers[0].name}; empty where there is
 *     none
 */
public record StatusCause(String reason, String message, String field) {}
