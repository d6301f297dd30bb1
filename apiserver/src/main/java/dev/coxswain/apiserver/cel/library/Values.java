package dev.coxswain.apiserver.cel.library;

import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;

/** Parameters that many functions have. */
final class Values {
  static final Parameter STRING = new Parameter(SimpleType.STRING, String.class);
  static final Parameter INT = new Parameter(SimpleType.INT, Long.class);
  static final Parameter BOOL = new Parameter(SimpleType.BOOL, Boolean.class);

  private Values() {}
}
