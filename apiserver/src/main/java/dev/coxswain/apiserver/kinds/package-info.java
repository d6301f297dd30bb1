/** The built-in kinds: one declaration for each, gathered in {@link BuiltinKinds}. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds;
