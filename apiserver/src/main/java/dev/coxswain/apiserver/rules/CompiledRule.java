package dev.coxswain.apiserver.rules;

import dev.coxswain.apiserver.cel.Expression;
import org.jspecify.annotations.Nullable;

/**
 * A rule that was compiled.
 *
 * @param expression what must be true; null where it does not compile
 * @param error why the rule does not compile; empty where it does
 * @param message what makes the message; null where nothing does
 * @param messageError why that does not compile; empty where it does
 * @param usesOldSelf whether it is about changes
 */
public record CompiledRule(
    Rule rule,
    @Nullable Expression expression,
    String error,
    @Nullable Expression message,
    String messageError,
    boolean usesOldSelf) {}
