package ocellus.engine.kernels;

import java.util.function.UnaryOperator;

/**
 * Something between {@link Kernels} and the kernels that it calls, for measuring. Kernels are
 * chosen once in a process, at the first use, so that calling them costs nothing; so this is, too.
 */
public final class KernelDecorator {
  private static UnaryOperator<KernelSet> decorator = UnaryOperator.identity();
  private static boolean applied;

  private KernelDecorator() {}

  /**
   * Has every kernel called through what {@code decorator} makes of the kernels.
   *
   * @throws IllegalStateException if a kernel has been used
   */
  public static synchronized void install(UnaryOperator<KernelSet> decorator) {
    if (applied) {
      throw new IllegalStateException("kernels have been used before they are to be decorated");
    }
    KernelDecorator.decorator = decorator;
  }

  static synchronized KernelSet apply(KernelSet kernels) {
    applied = true;
    return decorator.apply(kernels);
  }
}
