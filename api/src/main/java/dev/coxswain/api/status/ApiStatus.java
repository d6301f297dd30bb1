package dev.coxswain.api.status;

import java.util.List;

/**
 * A failed request's outcome: the content of a {@code Status} object.
 *
 * @param code the HTTP status code
 * @param reason why, for a program
 * @param message why, for a person
 * @param details what it was about; {@link Details#NONE} where there is nothing to say
 * @param continuation for a list that can no longer be continued as it was, the token by which it
 *     can be in another way; empty for everything else
 */
public record ApiStatus(
    int code, StatusReason reason, String message, Details details, String continuation) {

  /** One that no list goes on from. */
  public ApiStatus(int code, StatusReason reason, String message, Details details) {
    this(code, reason, message, details, "");
  }

  /**
   * What the failure was about.
   *
   * @param name the object's name; empty where there is none
   * @param group the API group
   * @param kind the kind or resource as upstream prints it
   * @param uid the object's uid; empty where it is not known
   * @param causes the single causes, for {@link StatusReason#INVALID} one for each field
   * @param retryAfterSeconds when to try again; 0 where nothing is suggested
   */
  public record Details(
      String name,
      String group,
      String kind,
      String uid,
      List<StatusCause> causes,
      int retryAfterSeconds) {
    /** Nothing to say. */
    public static final Details NONE = new Details("", "", "", "", List.of(), 0);

    public Details {
      causes = List.copyOf(causes);
    }
  }

  /** A status with the reason's own code and no details. */
  public static ApiStatus of(StatusReason reason, String message) {
    return new ApiStatus(reason.code(), reason, message, Details.NONE);
  }
}
