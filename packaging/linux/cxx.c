/* Two functions of newer libstdc++ that the fcitx plugin names but a healthy program never reaches: a length that
   overflows in operator new[], and an exception leaving a noexcept function. On an older system they end the program,
   as libstdc++ would. */
#include <stdlib.h>

void _ZSt28__throw_bad_array_new_lengthv(void) { abort(); }
void __cxa_call_terminate(void *exception) { (void)exception; abort(); }
