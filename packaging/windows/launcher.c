/* Starts the installed program on Windows.
 *
 * bangjiao-desktop.exe (window, no console) and bangjiao.exe (command) are this file. Both load app\python313.dll, which
 * lies beside the standard library and app\python313._pth (nothing of another Python on the computer is looked at), and
 * run app\launch.py with the words they were called with.
 *
 * The window's launcher also lets the installer know that the program runs (mutex bangjiao-desktop-running) and asks it
 * to leave (a hidden window of class BangjiaoDesktopLauncher: WM_CLOSE there closes the program's own windows, which ask
 * about anything that is not saved).
 */
#include <stdlib.h>
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define LONGEST 32768

typedef int (*python_main)(int, wchar_t **);

static void say(const wchar_t *text)
{
#ifdef WINDOW
    MessageBoxW(NULL, text, L"安置帮教工作台", MB_OK | MB_ICONERROR);
#else
    DWORD written;
    HANDLE where = GetStdHandle(STD_ERROR_HANDLE);
    if (!WriteConsoleW(where, text, (DWORD)wcslen(text), &written, NULL)) {
        char bytes[4096];
        int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
        if (length > 1) WriteFile(where, bytes, (DWORD)(length - 1), &written, NULL);
    }
#endif
}

#ifdef WINDOW
static BOOL CALLBACK close_one(HWND window, LPARAM own)
{
    DWORD process;
    HWND dialog;
    GetWindowThreadProcessId(window, &process);
    if (process != GetCurrentProcessId() || window == (HWND)own || !IsWindowVisible(window) || GetWindow(window, GW_OWNER))
        return TRUE;
    /* A dialog that is open goes first and asks about what was typed; a question upon a dialog is for the user alone. */
    dialog = GetLastActivePopup(window);
    if (!dialog || !IsWindowVisible(dialog)) dialog = window;
    if (dialog == window || GetWindow(dialog, GW_OWNER) == window) PostMessageW(dialog, WM_CLOSE, 0, 0);
    return TRUE;
}

static LRESULT CALLBACK hear(HWND window, UINT message, WPARAM w, LPARAM l)
{
    if (message == WM_CLOSE) {
        EnumWindows(close_one, (LPARAM)window);
        return 0;
    }
    return DefWindowProcW(window, message, w, l);
}

static DWORD WINAPI listener(LPVOID unused)
{
    WNDCLASSW kind = {0};
    MSG message;
    (void)unused;
    kind.lpfnWndProc = hear;
    kind.hInstance = GetModuleHandleW(NULL);
    kind.lpszClassName = L"BangjiaoDesktopLauncher";
    RegisterClassW(&kind);
    CreateWindowExW(0, kind.lpszClassName, L"", 0, 0, 0, 0, 0, NULL, NULL, kind.hInstance, NULL);
    while (GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
    return 0;
}
#endif

static int run(int count, wchar_t **words)
{
    static wchar_t home[LONGEST], library[LONGEST], script[LONGEST];
    wchar_t **all, *slash;
    HMODULE python;
    python_main start;
    int number;

    if (!GetModuleFileNameW(NULL, home, LONGEST) || !(slash = wcsrchr(home, L'\\'))) return 1;
    *slash = 0;
    _snwprintf(library, LONGEST, L"%ls\\app\\python313.dll", home);
    _snwprintf(script, LONGEST, L"%ls\\app\\launch.py", home);
    python = LoadLibraryExW(library, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    start = python ? (python_main)(void *)GetProcAddress(python, "Py_Main") : NULL;
    if (!start) {
        say(L"程序文件不完整，打不开。请重新运行安装程序修复；台账不受影响。\n");
        return 1;
    }
    SetEnvironmentVariableW(L"PYTHONUTF8", NULL);
    all = calloc((size_t)count + 8, sizeof *all);
    number = 0;
    all[number++] = words[0];
    all[number++] = L"-I";
    all[number++] = L"-S";
    all[number++] = L"-B";
    all[number++] = L"-X";
    all[number++] = L"utf8";
    all[number++] = script;
    for (int place = 1; place < count; place++) all[number++] = words[place];
    return start(number, all);
}

#ifdef WINDOW
int WINAPI wWinMain(HINSTANCE instance, HINSTANCE before, PWSTR line, int show)
{
    int count;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);
    (void)instance; (void)before; (void)line; (void)show;
    CreateMutexW(NULL, FALSE, L"bangjiao-desktop-running");
    CreateThread(NULL, 0, listener, NULL, 0, NULL);
    return run(count, words);
}
#else
int wmain(int count, wchar_t **words)
{
    return run(count, words);
}
#endif
