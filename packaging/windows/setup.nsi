; 安置帮教工作台 的安装程序。由 build.sh 调用 makensis；需要的定义：
;   VERSION  例 0.2.0        NUMBERS  例 0.2.0.0     PAYLOAD  程序文件夹      OUT  结果
;   ICON     图标            SIZE     装好后的大小（KB）  WELCOME 欢迎页的图
;
; 静默安装：/S [/AllUsers] [/D=文件夹]（/D 放最后）。退出码：
;   0 完成   1 用户取消   2 写文件失败，原来的程序保持原样   3 这台电脑的 Windows 太旧或不是 64 位
;   4 程序正在运行、没有关闭   5 磁盘空间不够   6 给所有用户安装需要管理员权限
Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
SetCompressorDictSize 64
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS Win10
XPStyle on
BrandingText "安置帮教工作台 ${VERSION}"

!include MUI2.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include x64.nsh
!include FileFunc.nsh
!include nsDialogs.nsh
!include WinMessages.nsh

!define NAME "安置帮教工作台"
!define KEY "bangjiao-desktop"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${KEY}"
!define PROGID "Bangjiao.Backup"
!define LISTENER "BangjiaoDesktopLauncher"

Name "${NAME}"
OutFile "${OUT}"
InstallDir ""
ShowInstDetails nevershow
AllowSkipFiles off
VIProductVersion "${NUMBERS}"
VIAddVersionKey /LANG=2052 ProductName "${NAME}"
VIAddVersionKey /LANG=2052 FileDescription "${NAME} 安装程序"
VIAddVersionKey /LANG=2052 FileVersion "${VERSION}"
VIAddVersionKey /LANG=2052 ProductVersion "${VERSION}"
VIAddVersionKey /LANG=2052 LegalCopyright "Copyright (c) 2026 The bangjiao-desktop authors"

Var AllUsers      ; "1" 给所有用户
Var Before        ; 已装的版本，没有为空
Var BeforeWhere   ; 已装在哪里
Var Scope         ; 选择页上的单选按钮
Var ScopeAll

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_WELCOMEFINISHPAGE_BITMAP "${WELCOME}"
!define MUI_WELCOMEPAGE_TITLE "$(WelcomeTitle)"
!define MUI_WELCOMEPAGE_TEXT "$(WelcomeText)"
!define MUI_FINISHPAGE_RUN "$INSTDIR\bangjiao-desktop.exe"
!define MUI_FINISHPAGE_RUN_TEXT "现在打开安置帮教工作台"
!define MUI_FINISHPAGE_TEXT "程序已装好。第一次打开时，向导会带您新建台账、保存恢复密钥，也可以先用演示台账试试。$\r$\n$\r$\n使用中随时按 F1 看手册。"
!insertmacro MUI_PAGE_WELCOME
Page custom ScopePage ScopeLeave
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString WelcomeTitle ${LANG_SIMPCHINESE} "$R8安置帮教工作台 ${VERSION}"
LangString WelcomeText ${LANG_SIMPCHINESE} "$R9"

; ---------------------------------------------------------------- 程序是否在运行

!macro Running UN
; 弹出 "1"：程序正在运行
Function ${UN}Running
  System::Call 'kernel32::OpenMutexW(i 0x00100000, i 0, w "bangjiao-desktop-running") p.r0'
  ${If} $0 P<> 0
    System::Call 'kernel32::CloseHandle(p r0)'
    Push "1"
  ${Else}
    Push "0"
  ${EndIf}
FunctionEnd

; 请程序自己关闭（没保存的它会先问），最多等 30 秒；弹出 "1"：还在运行
Function ${UN}AskToLeave
  StrCpy $2 0
  ${Do}
    Call ${UN}Running
    Pop $0
    ${If} $0 == "0"
      Push "0"
      Return
    ${EndIf}
    IntOp $3 $2 % 60
    ${If} $3 == 0
      FindWindow $1 "${LISTENER}"
      ${If} $1 <> 0
        SendMessage $1 ${WM_CLOSE} 0 0 /TIMEOUT=3000
      ${EndIf}
    ${EndIf}
    Sleep 250
    IntOp $2 $2 + 1
  ${LoopUntil} $2 > 120
  Push "1"
FunctionEnd

; 程序在运行就请它关闭；不肯关就退出，什么都没改
Function ${UN}CloseProgram
  again:
  Call ${UN}Running
  Pop $0
  ${If} $0 == "0"
    Return
  ${EndIf}
  MessageBox MB_OKCANCEL|MB_ICONINFORMATION "安置帮教工作台正在运行。按“确定”关闭它再继续（没保存的内容它会先问您），按“取消”退出，什么都不改。" /SD IDOK IDOK leave
  SetErrorLevel 4
  Quit
  leave:
  Call ${UN}AskToLeave
  Pop $0
  ${If} $0 == "1"
    IfSilent 0 again
    SetErrorLevel 4
    Quit
  ${EndIf}
  Sleep 500
FunctionEnd
!macroend
!insertmacro Running ""
!insertmacro Running "un."

; ---------------------------------------------------------------- 开始

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "这台电脑的 Windows 是 32 位的。安置帮教工作台需要 64 位的 Windows 10（1809 版，2018 年 10 月）或更新的系统，因为它自带的 Python 3.13 和 Qt 6 不支持更旧的系统。没有安装任何东西。" /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  ${WinVerGetBuild} $0
  ${IfNot} ${AtLeastWin10}
  ${OrIf} $0 < 17763
    MessageBox MB_OK|MB_ICONSTOP "这台电脑的 Windows 太旧。安置帮教工作台需要 64 位的 Windows 10（1809 版，2018 年 10 月）或更新的系统：它自带的 Python 3.13 和 Qt 6 在 Windows 7、8 和早期的 Windows 10 上运行不了。请先升级系统，或换一台电脑。没有安装任何东西。" /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  SetRegView 64
  ${GetParameters} $R0
  StrCpy $AllUsers "0"
  ClearErrors
  ${GetOptions} $R0 "/AllUsers" $R1
  ${IfNot} ${Errors}
    StrCpy $AllUsers "1"
  ${Else}
    ; 已经给所有用户装过的，升级也照旧
    ReadRegStr $R2 HKLM "${UNINSTALL}" "DisplayVersion"
    ReadRegStr $R3 HKCU "${UNINSTALL}" "DisplayVersion"
    ${If} $R2 != ""
    ${AndIf} $R3 == ""
      StrCpy $AllUsers "1"
    ${EndIf}
  ${EndIf}
  Call LookBefore
  ${If} $INSTDIR == ""
    Call DefaultPlace
  ${EndIf}
  IfSilent 0 +3
    Call NeedAdmin
    Return
  StrCpy $R8 "安装 "
  StrCpy $R9 "安装程序会把安置帮教工作台装到这台电脑上。不需要联网，也不需要管理员权限。$\r$\n$\r$\n台账不在程序文件夹里：升级、修复、卸载程序都不会动台账。"
  ${If} $Before == "${VERSION}"
    StrCpy $R8 "修复 "
    StrCpy $R9 "这台电脑上已经装了 ${VERSION}。继续会把程序文件重新放好，台账和设置不变。"
  ${ElseIf} $Before != ""
    StrCpy $R8 "升级到 "
    StrCpy $R9 "这台电脑上现在是 $Before，继续会换成 ${VERSION}。台账和设置不变；第一次打开时，如果台账格式要更新，程序会先自动备份。"
  ${EndIf}
FunctionEnd

; 已装的版本和位置（按 $AllUsers 看所有用户的或当前用户的）
Function LookBefore
  ${If} $AllUsers == "1"
    ReadRegStr $Before HKLM "${UNINSTALL}" "DisplayVersion"
    ReadRegStr $BeforeWhere HKLM "${UNINSTALL}" "InstallLocation"
  ${Else}
    ReadRegStr $Before HKCU "${UNINSTALL}" "DisplayVersion"
    ReadRegStr $BeforeWhere HKCU "${UNINSTALL}" "InstallLocation"
  ${EndIf}
FunctionEnd

Function DefaultPlace
  ${If} $BeforeWhere != ""
    StrCpy $INSTDIR $BeforeWhere
  ${ElseIf} $AllUsers == "1"
    StrCpy $INSTDIR "$PROGRAMFILES64\${KEY}"
  ${Else}
    StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${KEY}"
  ${EndIf}
FunctionEnd

Function NeedAdmin
  ${If} $AllUsers == "1"
    UserInfo::GetAccountType
    Pop $0
    ${If} $0 != "Admin"
      MessageBox MB_OK|MB_ICONSTOP "给所有用户安装需要管理员权限。" /SD IDOK
      SetErrorLevel 6
      Quit
    ${EndIf}
  ${EndIf}
FunctionEnd

; ---------------------------------------------------------------- 给谁安装

Function ScopePage
  !insertmacro MUI_HEADER_TEXT "给谁安装" "一般选第一项，不需要管理员权限。"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateRadioButton} 0 8u 100% 12u "只给我自己安装（推荐）"
  Pop $Scope
  ${NSD_CreateRadioButton} 0 28u 100% 12u "给这台电脑的所有用户安装（需要管理员权限）"
  Pop $ScopeAll
  ${NSD_CreateLabel} 0 52u 100% 30u "两种装法功能一样。台账由每个用户自己选地方存放，别的用户没有口令打不开。"
  Pop $0
  ${If} $AllUsers == "1"
    ${NSD_Check} $ScopeAll
  ${Else}
    ${NSD_Check} $Scope
  ${EndIf}
  nsDialogs::Show
FunctionEnd

Function ScopeLeave
  StrCpy $1 $AllUsers
  ${NSD_GetState} $ScopeAll $0
  ${If} $0 == ${BST_CHECKED}
    StrCpy $AllUsers "1"
    UserInfo::GetAccountType
    Pop $0
    ${If} $0 != "Admin"
      ; 以管理员身份重新启动自己
      ClearErrors
      ExecShell "runas" "$EXEPATH" "/AllUsers"
      ${If} ${Errors}
        MessageBox MB_OK|MB_ICONINFORMATION "没有得到管理员权限。可以选“只给我自己安装”。"
        Abort
      ${EndIf}
      Quit
    ${EndIf}
  ${Else}
    StrCpy $AllUsers "0"
  ${EndIf}
  ${If} $1 != $AllUsers
    StrCpy $INSTDIR ""
    Call LookBefore
    Call DefaultPlace
  ${EndIf}
FunctionEnd

; ---------------------------------------------------------------- 安装

Section "程序" Program
  SectionIn RO
  Call CloseProgram
  ; 按 MB 算：按 KB 算，2 TB 以上的空闲空间会超出 32 位整数
  ${GetRoot} "$INSTDIR" $0
  ${DriveSpace} "$0\" "/D=F /S=M" $1
  IntOp $2 ${SIZE} / 1024
  IntOp $2 $2 + 1
  ${If} $1 != ""
  ${AndIf} $1 < $2
    MessageBox MB_OK|MB_ICONSTOP "磁盘 $0 的空间不够：需要 $2 MB，还有 $1 MB。请清理后再装。没有改动任何东西。" /SD IDOK
    SetErrorLevel 5
    Quit
  ${EndIf}

  ; 先放在旁边，全部放好了才换上：中途断电、磁盘满，原来的程序都还在
  RMDir /r "$INSTDIR\app.new"
  RMDir /r "$INSTDIR\app.old"
  ClearErrors
  SetOutPath "$INSTDIR\app.new"
  File /r "${PAYLOAD}\*.*"
  SetOutPath "$INSTDIR"
  ${If} ${Errors}
    RMDir /r "$INSTDIR\app.new"
    RMDir "$INSTDIR"
    MessageBox MB_OK|MB_ICONSTOP "写不进“$INSTDIR”：磁盘满了，或者没有权限。原来的程序没有改动。" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\app\*.*"
    ClearErrors
    Rename "$INSTDIR\app" "$INSTDIR\app.old"
    ${If} ${Errors}
      RMDir /r "$INSTDIR\app.new"
      MessageBox MB_OK|MB_ICONSTOP "程序文件正被占用（可能有命令行在运行，或别的用户正在使用）。请关闭后再装。原来的程序没有改动。" /SD IDOK
      SetErrorLevel 4
      Quit
    ${EndIf}
  ${EndIf}
  ClearErrors
  Rename "$INSTDIR\app.new" "$INSTDIR\app"
  ${If} ${Errors}
    Rename "$INSTDIR\app.old" "$INSTDIR\app"
    RMDir /r "$INSTDIR\app.new"
    SetErrorLevel 2
    Quit
  ${EndIf}
  Delete "$INSTDIR\bangjiao-desktop.exe"
  Delete "$INSTDIR\bangjiao.exe"
  Rename "$INSTDIR\app\launchers\bangjiao-desktop.exe" "$INSTDIR\bangjiao-desktop.exe"
  Rename "$INSTDIR\app\launchers\bangjiao.exe" "$INSTDIR\bangjiao.exe"
  RMDir "$INSTDIR\app\launchers"
  RMDir /r "$INSTDIR\app.old"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  ${If} $AllUsers == "1"
    SetShellVarContext all
  ${Else}
    SetShellVarContext current
  ${EndIf}
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\bangjiao-desktop.exe"
  CreateShortcut "$DESKTOP\${NAME}.lnk" "$INSTDIR\bangjiao-desktop.exe"
  ; SHCTX 是按上面选定的 HKLM 或 HKCU
  WriteRegStr SHCTX "Software\Classes\.bjbak" "" "${PROGID}"
  WriteRegStr SHCTX "Software\Classes\${PROGID}" "" "安置帮教台账备份"
  WriteRegStr SHCTX "Software\Classes\${PROGID}\DefaultIcon" "" "$INSTDIR\bangjiao-desktop.exe,0"
  WriteRegStr SHCTX "Software\Classes\${PROGID}\shell\open\command" "" '"$INSTDIR\bangjiao-desktop.exe" "%1"'
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\bangjiao-desktop.exe"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "bangjiao-desktop"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" ${SIZE}
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "AllUsers" $AllUsers
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  SetErrorLevel 0
SectionEnd

; 写到一半放弃（磁盘满、没有权限）：放在旁边的拿掉，原来的程序没有动过
Function .onInstFailed
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR\app.new"
  RMDir "$INSTDIR"
FunctionEnd

; ---------------------------------------------------------------- 卸载

Function un.onInit
  SetRegView 64
  StrCpy $AllUsers "0"
  ReadRegStr $0 HKCU "${UNINSTALL}" "InstallLocation"
  ${If} $0 != $INSTDIR
    ReadRegStr $0 HKLM "${UNINSTALL}" "InstallLocation"
    ${If} $0 == $INSTDIR
      StrCpy $AllUsers "1"
    ${EndIf}
  ${EndIf}
  ${If} $AllUsers == "1"
    UserInfo::GetAccountType
    Pop $0
    ${If} $0 != "Admin"
      MessageBox MB_OK|MB_ICONSTOP "这是给所有用户安装的，卸载需要管理员权限：请右键选“以管理员身份运行”。" /SD IDOK
      SetErrorLevel 6
      Quit
    ${EndIf}
    SetShellVarContext all
  ${Else}
    SetShellVarContext current
  ${EndIf}
FunctionEnd

Section "Uninstall"
  Call un.CloseProgram
  ; 只删装进来的东西；台账、备份、导出的文件在别处，就是放在这个文件夹里也不动
  RMDir /r "$INSTDIR\app"
  RMDir /r "$INSTDIR\app.new"
  RMDir /r "$INSTDIR\app.old"
  Delete "$INSTDIR\bangjiao-desktop.exe"
  Delete "$INSTDIR\bangjiao.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  Delete "$DESKTOP\${NAME}.lnk"
  DeleteRegKey SHCTX "${UNINSTALL}"
  DeleteRegKey SHCTX "Software\Classes\${PROGID}"
  ReadRegStr $0 SHCTX "Software\Classes\.bjbak" ""
  ${If} $0 == "${PROGID}"
    DeleteRegKey SHCTX "Software\Classes\.bjbak"
  ${EndIf}
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd
