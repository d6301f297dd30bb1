/** Who did what: the audit policy, and the log that it fills. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.audit;
