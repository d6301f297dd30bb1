/** Admission by webhooks: whom to ask about a request, and what becomes of the answers. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.admission.webhook;
