/** What a request asks for, and the path that every request takes. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.request;
