/* What the fcitx plugin names and older systems lack. Linked to the plugin alone (see build.sh).
 *
 * Two functions of newer libstdc++ that a healthy program never reaches: a length that overflows in operator new[], and an
 * exception leaving a noexcept function. They end the program, as libstdc++ would.
 *
 * A function of libwayland 1.20, called under Wayland only (where the system has it, it is called; an older system shows
 * the program through X11, as the launcher sees to). It takes a variable list of arguments, so it is jumped to.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

void _ZSt28__throw_bad_array_new_lengthv(void) { abort(); }
void __cxa_call_terminate(void *exception) { (void)exception; abort(); }

static void too_old(void) { abort(); }
__attribute__((visibility("hidden"))) void (*bangjiao_marshal)(void) = too_old;

__attribute__((constructor)) static void look(void)
{
    void *wayland = dlopen("libwayland-client.so.0", RTLD_LAZY | RTLD_NOLOAD);
    void (*found)(void) = wayland ? (void (*)(void))dlsym(wayland, "wl_proxy_marshal_flags") : NULL;
    if (found) bangjiao_marshal = found;
}

__asm__(".globl wl_proxy_marshal_flags\n"
        ".type wl_proxy_marshal_flags, @function\n"
        "wl_proxy_marshal_flags: jmp *bangjiao_marshal(%rip)\n");
